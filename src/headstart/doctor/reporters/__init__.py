"""A diagnosis as text, JSON, SARIF or GitHub annotations: a file each, with `render(diagnosis, ...)`."""
