"""Pure rules: no clock, no input or output, no framework. What the law says about the facts handed in."""
