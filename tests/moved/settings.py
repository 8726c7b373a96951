"""The portal's settings, with a clock moved by MOVED_DAYS."""

from portal.settings import *  # noqa: F403 - the same settings, and one app more
from portal.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "tests.moved.apps.MovedConfig"]
