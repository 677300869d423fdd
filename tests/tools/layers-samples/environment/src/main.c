int c = secure_getenv("C");
