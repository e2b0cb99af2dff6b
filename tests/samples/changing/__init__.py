"""Pages that change, move, vanish and come back: written for the tests, in the shapes that common themes give them."""
