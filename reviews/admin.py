from django.contrib import admin

from reviews.models import ReviewCase, ReviewEntry, ReviewRoute, ReviewVersion
from studygroup.lib.admin import ReadOnlyAdmin

for model in (ReviewCase, ReviewVersion, ReviewEntry, ReviewRoute):
    admin.site.register(model, ReadOnlyAdmin)
