"""The bench: this project's real server beside one for Node.js, on the same machine under the same load."""
