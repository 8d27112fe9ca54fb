"""How the platform is deployed: topics, a broker and a database for trials on one machine."""
