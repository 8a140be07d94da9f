"""What can be bought: the lists of the three servers, matched by country and brand."""
