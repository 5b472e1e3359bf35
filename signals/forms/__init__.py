"""Forms over rules and over what a signal means: they work without JavaScript, and lose nothing that was typed."""
