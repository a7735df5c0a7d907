"""The same that people do on the page, for programs: JSON under /api/v1, described by openapi.json beside this file."""

from __future__ import annotations

from web.api import box_views, faces_views, jobs_views, people_views
from web.api.blueprint import admit_programs, page

__all__ = ["admit_programs", "box_views", "faces_views", "jobs_views", "page", "people_views"]
