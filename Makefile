# Thin on purpose: every target calls a script. `make run` shows the demo, `make test` proves everything.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help run test check e2e build bench fuzz mutants audit sbom openapi fmt


help: ## esta lista
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

run: ## construye y abre la demostración (LISTEN=dirección:puerto, RESET=1 borra sus datos)
	@scripts/run.sh

test: ## todo lo que corre CI
	@scripts/test.sh

check: ## formato y lints, sin pruebas
	@scripts/test.sh check

e2e: ## solo los recorridos en el navegador (E2E_ARGS= va a Playwright)
	@scripts/test.sh e2e

build: ## el binario de producción
	@scripts/task.sh build

bench: ## mediciones
	@scripts/task.sh bench

fuzz: ## las pruebas de propiedades con muchos más casos (CASES=20000) y la API con 500 por operación (EXAMPLES=)
	@scripts/task.sh fuzz

mutants: ## quita una por una las revisiones del dinero: cada una debe tirar una prueba (ONLY=nombre)
	@scripts/mutants.sh

audit: ## licencias, fuentes y crates prohibidos (ADVISORIES=1 pregunta también por avisos de seguridad)
	@scripts/task.sh audit

sbom: ## lista de componentes (CycloneDX) de lo que lleva el binario, en target/
	@scripts/task.sh sbom

openapi: ## escribe openapi/*.json
	@scripts/task.sh openapi

fmt: ## da formato
	@scripts/task.sh fmt
