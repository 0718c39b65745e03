# Two commands are all the set-up: `make run` and `make test`. See README.md.
.PHONY: run serve test lint bench bench-likeness screenshots

run:      # everything on this computer, with the demo year when the database is empty
	@scripts/run --demo

serve:    # the same without the demo: for real use
	@scripts/run

test:     # lint, contracts, types, and every test for which there is a server
	@scripts/test

lint:     # the part of `make test` that needs no server
	@scripts/test --lint

bench:    # sign-in, list and verdict against a lean reference, on PostgreSQL
	@scripts/bench

bench-likeness: # 5,000 papers, planted copies and honest ones: how long, what is found
	@scripts/bench likeness

screenshots: # the README's pictures, from a demo of its own
	@scripts/screenshots
