urlpatterns: list = []
job_urlpatterns: list = []
