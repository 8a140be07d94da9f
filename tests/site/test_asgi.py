from legitsms_site import asgi


def test_a_header_that_only_looks_like_a_proxys_is_dropped():
    proxys, made_up = (b"x-forwarded-for", b"192.0.2.1"), (b"x_forwarded_for", b"6.6.6.6")
    scope = {"type": "http", "path": "/", "headers": [proxys, made_up]}
    assert asgi.without_underscore_headers(scope)["headers"] == [proxys]
