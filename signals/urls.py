from django.urls import path

from signals.views import pipeline

urlpatterns = [path("pipeline/", pipeline, name="pipeline")]
