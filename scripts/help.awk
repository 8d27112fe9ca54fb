# Prints the Makefile's targets with what their "##" comments say.
BEGIN { FS = ":.*## " }
/^##@ / { printf "\n%s\n", substr($0, 5); next }
/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $1, $2 }
END { print "" }
