// Spaces.
int  ugly;
