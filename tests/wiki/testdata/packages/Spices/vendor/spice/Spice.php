<?php
namespace Example;

class Spice {
	public static function name() {
		return 'cardamom';
	}
}
