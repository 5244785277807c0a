"""One module per verb: parse into one frozen object, call one function, render."""
