// Nothing is called: the library takes the place of functions of the C library.
