"""doveadm pop-policy."""
