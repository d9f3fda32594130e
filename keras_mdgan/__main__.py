"""`python -m keras_mdgan`: the command `keras-mdgan`."""

import sys

from keras_mdgan.commands import main

if __name__ == "__main__":
    sys.exit(main())
