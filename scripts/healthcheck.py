"""Ask the web server of this container how it is: exit 0 when it answers 200.

Usage: healthcheck.py PORT. Speaks as the proxy in front would: an allowed host, already on HTTPS.
"""

import http.client
import os
import sys

host = (os.environ.get("ALLOWED_HOSTS") or "localhost").split(",")[0].strip().lstrip(".").replace("*", "localhost")
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=4)
connection.request("GET", "/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"})
sys.exit(connection.getresponse().status != 200)
