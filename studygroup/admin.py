from django.contrib.admin import AdminSite


class AdministratorSite(AdminSite):
    """系统管理: for the administrator only."""

    site_title = "系统管理"
    site_header = "理论学习中心组 · 系统管理"
    index_title = "单位、人员与任职"
    site_url = "/"

    def has_permission(self, request) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
