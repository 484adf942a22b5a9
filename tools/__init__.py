"""Tools for developers and for those who keep a server; the lab itself imports none of them."""
