"""The tests of a group share one site, one browser and one event loop; two groups keep two cores busy."""

import pytest

LIVE = [pytest.mark.xdist_group("browser-live"), pytest.mark.asyncio(loop_scope="session")]
FAIRNESS = [pytest.mark.xdist_group("browser-fairness"), pytest.mark.asyncio(loop_scope="session")]
PAGES = [pytest.mark.xdist_group("browser-pages"), pytest.mark.asyncio(loop_scope="session")]
