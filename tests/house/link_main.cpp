// Linked with one whole library: that it links at all is the test.
int main() {
    return 0;
}
