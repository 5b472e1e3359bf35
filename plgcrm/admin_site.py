"""The admin, as a part of the product."""

from django.contrib import admin


class AdminSite(admin.AdminSite):
    site_header = "PLGCRM"
    site_title = "PLGCRM admin"
    index_title = "Set up"
    site_url = "/"
