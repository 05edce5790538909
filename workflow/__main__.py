"""`python -m workflow …`; see `workflow.cli.main`."""

import sys

from workflow.process.threads import prepare_process

prepare_process()

from workflow.cli.main import main  # noqa: E402  (numerical libraries count the threads as they are imported)

sys.exit(main())
