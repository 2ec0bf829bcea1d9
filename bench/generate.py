#!/usr/bin/env python3
"""Writes N exposures, each with a base of its own: an Ingress, three Services, three Deployments.

    generate.py --count N --out DIR

DIR/apps/<name>/base/ holds the manifests, DIR/exposures/<name>.yaml the exposures, DIR/environments/ four clusters.
The same N gives the same bytes.
"""
import argparse
import pathlib

ROLES = ["web", "api", "admin"]

ENVIRONMENTS = {
    "eks": ("aws-alb", "arn: arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000"),
    "gke-ingress": ("gke-ingress", "managed: true"),
    "gke-gateway": ("gke-gateway", "certificateMap: edge"),
    "gateway": ("gateway", "secret: { name: edge-tls }"),
}

ACCEPTED = {
    "gke-ingress": ["min-version"],
    "gke-gateway": ["min-tls-version"],
    "gateway": ["min-tls-version", "health-check", "drain"],
}

ENVIRONMENT = """\
apiVersion: edgegen.io/v1alpha1
kind: Environment
metadata:
  name: {name}
spec:
  target: {target}
{extra}  certificates:
    edge:
      {certificate}
"""

EXPOSURE = """\
apiVersion: edgegen.io/v1alpha1
kind: Exposure
metadata:
  name: {app}
  namespace: {app}
spec:
  base: ../apps/{app}/base
  scope: Public
  hostnames:
    - name: {app}.your-org.com
      inBase: {app}.localdev.me
  tls:
    certificates:
      - name: edge
    minVersion: "1.2"
    redirectHTTP: true
  backends:
    - healthCheck:
        path: /healthz
        interval: 15s
        timeout: 5s
      drain: 30s
    - service: {app}-api
      healthCheck:
        path: /readyz
  dns:
    ttl: 300s
  accept:
    - code: gateway/health-check
      reason: the containers have readiness probes that say the same
    - code: gateway/drain
      reason: connections are short
    - code: gateway/min-tls-version
      reason: the controller's default is 1.2
    - code: gke-gateway/min-tls-version
      reason: the organization's SSL policy says it
    - code: gke-ingress/min-version
      reason: the organization's SSL policy says it
"""

KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployments.yaml
  - ingress.yaml
  - services.yaml
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  namespace: {app}
  labels:
    app.kubernetes.io/name: {name}
    app.kubernetes.io/part-of: {app}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app.kubernetes.io/name: {name}
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {name}
        app.kubernetes.io/part-of: {app}
    spec:
      terminationGracePeriodSeconds: 60
      containers:
        - name: main
          image: registry.example.com/{app}/{role}:1.{minor}.0
          ports:
            - name: http
              containerPort: 8080
          env:
            - name: ROLE
              value: {role}
            - name: POOL_SIZE
              value: "{pool}"
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
          livenessProbe:
            httpGet:
              path: /healthz
              port: http
          resources:
            requests:
              cpu: {cpu}m
              memory: 128Mi
"""

SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: {name}
  namespace: {app}
  labels:
    app.kubernetes.io/name: {name}
spec:
  selector:
    app.kubernetes.io/name: {name}
  ports:
    - name: http
      port: 80
      targetPort: http
"""

INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {app}
  namespace: {app}
spec:
  ingressClassName: nginx
  tls:
    - hosts:
        - {app}.localdev.me
      secretName: edge-tls
  rules:
    - host: {app}.localdev.me
      http:
        paths:
"""

PATH = """\
          - path: {path}
            pathType: Prefix
            backend:
              service:
                name: {name}
                port:
                  number: 80
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def application(out, number):
    app = f"app-{number:05d}"
    base = out / "apps" / app / "base"
    names = [(role, f"{app}-{role}") for role in ROLES]
    deployments = [
        DEPLOYMENT.format(
            app=app, name=name, role=role, replicas=number % 5 + 1, minor=number % 17, pool=number % 64, cpu=50 + number % 9 * 50
        )
        for role, name in names
    ]
    paths = [PATH.format(path="/" if role == "web" else f"/{role}", name=name) for role, name in reversed(names)]
    write(base / "kustomization.yaml", KUSTOMIZATION)
    write(base / "deployments.yaml", "---\n".join(deployments))
    write(base / "services.yaml", "---\n".join(SERVICE.format(app=app, name=name) for _, name in names))
    write(base / "ingress.yaml", INGRESS.format(app=app) + "".join(paths))
    write(out / "exposures" / f"{app}.yaml", EXPOSURE.format(app=app))


def generate(count, out):
    """Writes `count` exposures with their bases, and the four environments."""
    for number in range(count):
        application(out, number)
    for name, (target, certificate) in ENVIRONMENTS.items():
        extra = "  class: envoy\n" if target == "gateway" else ""
        # What a target cannot say is accepted by the platform, as it would be in earnest.
        refused = ACCEPTED.get(target, [])
        if refused:
            extra += "  defaults:\n    accept:\n"
            extra += "".join(f"      - {{ code: {target}/{code}, reason: measured without it }}\n" for code in refused)
        text = ENVIRONMENT.format(name=name, target=target, certificate=certificate, extra=extra)
        write(out / "environments" / f"{name}.yaml", text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    generate(arguments.count, arguments.out)


if __name__ == "__main__":
    main()
