#!/bin/sh
# What the plugin generates: the objects of the exposures in the Application's folder, for one environment or target.
# Values come as variables from the Application and are only ever arguments; `=` keeps them from being options.
#
# In: PARAM_ENVIRONMENT, PARAM_TARGET (parameters), or ARGOCD_ENV_ENVIRONMENT, ARGOCD_ENV_TARGET (env)
set -eu

environment=${PARAM_ENVIRONMENT:-${ARGOCD_ENV_ENVIRONMENT:-}}
target=${PARAM_TARGET:-${ARGOCD_ENV_TARGET:-}}
if [ -z "$environment$target" ]; then
  echo "edgegen: set the parameter environment (a file) or target of the Application" >&2
  exit 2
fi

set -- render --format stream --stdout --file=.
[ -z "$environment" ] || set -- "$@" "--env=$environment"
[ -z "$target" ] || set -- "$@" "--target=$target"
exec edgegen "$@"
