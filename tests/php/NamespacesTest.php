<?php
declare( strict_types=1 );

use PHPUnit\Framework\TestCase;

class NamespacesTest extends TestCase {
	/** @dataProvider names */
	public function testFormerNamesThatAreUnknownBecomeAliases( array $want, array $former, array $current ): void {
		$this->assertSame( $want, Namespaces::aliases( $former, $current ) );
	}

	public function names(): array {
		$english = [ 'project' => 4, 'team' => 4, 'user' => 2, 'file' => 6 ];
		$german = [ 'project' => 4, 'team' => 4, 'user' => 2, 'benutzer' => 2, 'datei' => 6, 'file' => 6 ];
		return [
			'a new wiki' => [ [], [], $english ],
			'nothing changed' => [ [], $english, $english ],
			'another siteName' => [ [ 'kitchen' => 4 ], [ 'kitchen' => 4 ] + $english, $english ],
			'another language that knows the old names' => [ [], $english, $german ],
			'back to a language that does not' => [ [ 'benutzer' => 2, 'datei' => 6 ], $german, $english ],
			'a name that now belongs to another namespace' => [ [], [ 'team' => 100 ], $english ],
		];
	}
}
