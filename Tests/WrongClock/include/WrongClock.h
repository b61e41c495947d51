// Nothing to include: the library is preloaded (ld.so(8), LD_PRELOAD).
