"""What make does beside building: rebuild, install, release."""
