"""What privacy shows: records without values, who read and got what, retention, certificates, duties."""
