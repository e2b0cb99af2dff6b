"""The demo: three partner sites and a magazine, on one machine."""
