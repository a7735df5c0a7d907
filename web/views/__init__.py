"""What answers under which address: each file has a blueprint `page`."""
