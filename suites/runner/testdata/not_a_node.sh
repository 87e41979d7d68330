#!/bin/sh
echo "no node, but a script" >&2
exit 9
