"""Who of the people one follows is here: told to followers who are here themselves."""
