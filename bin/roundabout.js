#!/usr/bin/env -S node --disallow-code-generation-from-strings
import '../build/cli/main.js';
