def compared(d):
    return iter(())
