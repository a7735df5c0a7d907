"""The program as an appliance: releases side by side, one of them current, and the way from one to the next."""
