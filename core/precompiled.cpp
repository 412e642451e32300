// Nothing: a library has to have a source, and its precompiled headers are what is wanted.
