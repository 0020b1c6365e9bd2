<?php
namespace Spices;

class Hooks {
	public function onParserFirstCallInit( $parser ) {
		$parser->setHook( 'spice', static fn () => \Example\Spice::name() );
	}
}
