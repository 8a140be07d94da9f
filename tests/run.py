"""`python -m tests.run manage.py …`: a command of the project under the tests' settings and in their data folder."""

import os
import runpy
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
