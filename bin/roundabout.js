#!/usr/bin/env -S node --disallow-code-generation-from-strings --enable-source-maps
import '../build/cli/main.js';
