"""Hours of work with changing wishes and viewers: does it stay as fast, as quick to answer and as small as it began?"""
