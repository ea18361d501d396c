#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Does a page's Content-Security-Policy have the hashes of its scripts and its style?

	policy PAGE
"""
import base64
import hashlib
import re
import sys

page = open(sys.argv[1], encoding="utf-8").read()
policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)


def hashes(element):
    texts = re.findall(rf"<{element}>(.*?)</{element}>", page, re.S)
    return " ".join("'sha256-" + base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() + "'"
                    for t in texts)


want = (f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')}; "
        "img-src data:; base-uri 'none'; form-action 'none'")
if policy != want:
    sys.exit(f"policy: {policy}\n   not: {want}")
if re.search(r"\.innerHTML|\.outerHTML|insertAdjacentHTML|\.html\(|eval\(|new Function|document\.write",
             page):
    sys.exit("policy: the page makes markup or programs of text")
