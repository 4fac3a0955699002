"""`python -m conformance.cli`, for where the script is not on the path."""

import sys

from conformance.cli import main

sys.exit(main())
