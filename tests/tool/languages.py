#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Do both languages of ttp report's page have the same strings, with the same values in them?

	languages FOLDER
"""
import json
import os
import re
import sys

en, ko = (json.load(open(os.path.join(sys.argv[1], name), encoding="utf-8"))
          for name in ("en.json", "ko.json"))
wrong = sorted(set(en) ^ set(ko))
wrong += [key for key in en if key in ko and
          sorted(set(re.findall("%[0-9]", en[key]))) != sorted(set(re.findall("%[0-9]", ko[key])))]
if wrong:
    sys.exit("languages: " + ", ".join(wrong))
