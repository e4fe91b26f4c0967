#!/bin/sh
# Starts, works for a moment, and ends badly. Always.
echo "INFO payments 4.2.0 starting"
sleep 2
echo "INFO connecting to ledger.internal:5432"
sleep 3
echo "ERROR ledger.internal:5432: password authentication failed for user payments" >&2
echo "FATAL cannot start without the ledger" >&2
exit 1
