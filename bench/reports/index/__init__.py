"""``index.html``: a card for each dataset, and the board over all of them."""
