"""What each mistake would have done: honest and leaky fits side by side, claims judged by them."""
